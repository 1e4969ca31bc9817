// What holds for every operation, said once at the head of the OpenAPI document.

export const introduction = `
**Money** is in minor units beside one \`currency\`. **Times** are RFC 3339 in UTC with milliseconds. What is not known is \`null\`.

**Positions.** Every write answers the position of the log that it has reached (\`Panglot-Position\`), and every read can ask for one (\`Panglot-Min-Position\`, or \`minPosition\`): whoever passes it on reads what was written.

**Selecting.** With \`fields\` an answer has the members that it names, and no others: what a schema calls required is absent only then.

**Sending again.** Any POST takes an \`Idempotency-Key\`: the same request under it gets the same answer, and is done once. A PUT can be sent again as it is.

**Problems** are \`application/problem+json\` (RFC 9457) with a stable \`code\`; each is explained below \`/problems/{code}\`. Beside what an operation lists, an address that does not exist is 404 \`not-found\`, a method that a resource does not take is 405 \`method-not-allowed\` with \`Allow\`, and a request that cannot be read as HTTP is 400, 408 or 431. HEAD answers as GET does, without the body; OPTIONS answers 204 with \`Allow\`.

**Access** is open, and on this machine alone: a request must name the platform by a loopback name or by that of the setting PUBLIC_URL.

Servers refuse input that they do not know; clients should pass over output that they do not know. Changes within v1 add.
`.trim();
