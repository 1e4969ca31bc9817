// Planted defects: for each promise about safety, a change to the code that breaks it, and the test that must notice. They are applied to a
// copy, never to the code.

export interface Defect {
  /** The promise that it breaks, as docs/guarantees.md words it. */
  readonly promise: string;
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** The test file, and the name (or a part of it) of the test in it that must fail. */
  readonly test: string;
  readonly name: string;
}

export const defects: readonly Defect[] = [
  {
    promise: 'No oversell',
    file: 'src/domain/stock/stock-state.ts',
    find: 'holding.onHand - holding.reserved',
    replace: 'holding.onHand',
    test: 'test/domain/properties.test.ts',
    name: 'no oversell: reserved <= on hand in every warehouse',
  },
  {
    promise: 'Conservation of stock',
    file: 'src/domain/stock/stock-events.ts',
    find: 'onHand: -quantity, reserved: -quantity }',
    replace: 'onHand: -quantity }',
    test: 'test/domain/properties.test.ts',
    name: 'conservation: received + returned + adjusted = on hand + damaged + shipped + sold, and open claims sum to reserved',
  },
  {
    promise: 'A repeated command decides nothing',
    file: 'src/domain/stock/stock.ts',
    find: 'if (meaning === meaningOf(event)) return nothing;',
    replace: '',
    test: 'test/domain/properties.test.ts',
    name: 'a repeated command decides nothing',
  },
  {
    promise: 'An adjustment or a sale at the counter never takes what is reserved',
    file: 'src/domain/stock/stock.ts',
    find: 'const free = Math.max(0, availableIn(stock.warehouses.get(warehouse)));',
    replace: 'const free = Math.max(available(stock), availableIn(stock.warehouses.get(warehouse)));',
    test: 'test/domain/stock/stock.test.ts',
    name: 'never below what is reserved there, whatever lies elsewhere, and says what is available',
  },
  {
    promise: 'Damaged goods that came back are promised to nobody',
    file: 'src/domain/stock/stock-events.ts',
    find: "[condition === 'DAMAGED' ? 'damaged' : 'onHand']: quantity",
    replace: 'onHand: quantity',
    test: 'test/domain/stock/stock.test.ts',
    name: 'damaged: they are counted apart, and nobody can be promised any',
  },
  {
    promise: 'A command id moves units once, whatever comes under it',
    file: 'src/domain/stock/stock.ts',
    find: "if (meaning !== undefined) return refused<StockRefusal>({ code: 'command-id-taken', commandId });",
    replace: '',
    test: 'test/domain/properties.test.ts',
    name: 'a command id moves units once, whatever comes under it',
  },
  {
    promise: "The stock stream's memory is bounded and still safe",
    file: 'src/domain/stock/bounded-memory.ts',
    find: 'position <= memory.forgotten',
    replace: 'position < memory.forgotten',
    test: 'test/domain/stock/stock.test.ts',
    name: 'a claim that may have been forgotten is refused as unknown, and granted when the reservation is known to be open',
  },
  {
    promise: 'A shipment that was forgotten is neither done again nor taken for stock that has gone',
    file: 'src/domain/stock/stock.ts',
    find: 'return perhapsForgotten ? nothing : unknown();',
    replace: 'return unknown();',
    test: 'test/domain/stock/stock.test.ts',
    name: 'a shipment that was forgotten is neither done again nor taken for stock that has gone',
  },
  {
    promise: 'Stock that was given back is never shipped in silence',
    file: 'src/domain/stock/stock.ts',
    find: "if (end === 'SHIPPED') return nothing;",
    replace: 'if (end !== undefined) return nothing;',
    test: 'test/domain/stock/stock.test.ts',
    name: 'not shipped after its release: that stock has gone is never silence',
  },
  {
    promise: 'The open claims that are shown are those that the stock streams hold',
    file: 'src/projections/stock-claims/stock-claims.ts',
    find: 'const last = [...new Map(events.map((recorded) => [keyOf(recorded), recorded])).values()];',
    replace: 'const last = events;',
    test: 'test/projections/stock-claims/stock-claims.int.test.ts',
    name: 'are the same however the log is cut into batches',
  },
  {
    promise: 'Money is settled before stock is given back',
    file: 'src/domain/fulfilment/fulfilment.ts',
    find: "if (!order.captured) return toPayment({ type: 'RequestVoid' });",
    replace:
      "if (!order.captured) return [...toPayment({ type: 'RequestVoid' }), ...toReservation({ type: 'RequestRelease', orderId })];",
    test: 'test/model/saga.test.ts',
    name: 'in any order of deliveries',
  },
  {
    promise: 'Money is never captured without a reservation',
    file: 'src/domain/fulfilment/fulfilment.ts',
    find: "return toReservation({ type: 'RequestReservation', orderId, items: itemsBySku(order.lines) }, true);",
    replace:
      "return [...toReservation({ type: 'RequestReservation', orderId, items: itemsBySku(order.lines) }, true), ...toPayment({ type: 'RequestCapture' })];",
    test: 'test/model/saga.test.ts',
    name: 'in any order of deliveries',
  },
  {
    promise: 'A release that comes first closes the door',
    file: 'src/domain/reservation/reservation.ts',
    find: "if (status !== 'NONE') return nothing;",
    replace: "if (status !== 'NONE' && status !== 'ABANDONED') return nothing;",
    test: 'test/domain/reservation/reservation.test.ts',
    name: 'that was released before it was requested finds the door closed',
  },
  {
    promise: 'An append whose outcome is unknown is sent again as the same append',
    file: 'src/commands/stream-gate.ts',
    find: 'if (!(error instanceof Unavailable || error instanceof OutcomeUnknown) || performance.now() > giveUp) throw error;',
    replace: 'throw error;',
    test: 'test/commands/command-handler.int.test.ts',
    name: 'a lost reply: the same bytes are sent again at the same revision, and one event stands',
  },
  {
    promise: 'Our own command is recognised in the log after a conflict',
    file: 'src/commands/stream-gate.ts',
    find: 'const own = written.get(waiting.context.commandId);',
    replace: 'const own = written.get(String(waiting.command));',
    test: 'test/commands/command-handler.int.test.ts',
    name: 'our own command found in the new tail is done',
  },
  {
    promise: 'A refusal is never older than the question',
    file: 'src/commands/stream-gate.ts',
    find: 'if (writes.length === 0 && !confirmed) {',
    replace: 'if (writes.length === 0 && !confirmed && attempt > 0) {',
    test: 'test/commands/command-handler.int.test.ts',
    name: 'is confirmed when it came from a cached state',
  },
  {
    promise: 'A command with If-Match is decided at the revision that it names, or not at all',
    file: 'src/commands/stream-gate.ts',
    find: '!allows(waiting.expectation.expected, revision) &&',
    replace: '!allows(waiting.expectation.expected, loaded.revision) &&',
    test: 'test/commands/command-handler.int.test.ts',
    name: 'is held against the state that a command is decided on: of two in one batch that expect the same, one is done',
  },
  {
    promise: 'A request under an Idempotency-Key is one command, whichever step a process dies at',
    file: 'src/api/rest/idempotency.ts',
    find: 'work(commandIds(result.commandId, runId))',
    replace: 'work(commandIds(runId, runId))',
    test: 'test/api/rest/idempotency-crashes.int.test.ts',
    name: 'after the append and before the answer is stored leaves one order, and a retry gets the answer that the first would have had',
  },
  {
    promise: 'A keyed request does nothing before its row is committed',
    file: 'src/api/rest/idempotency.ts',
    find: 'const result = await room.run(() => keys.claim({ ...request, logId }));',
    replace:
      'const early = work(commandIds(request.runId, request.runId)); await early; const result = await room.run(() => keys.claim({ ...request, logId }));',
    test: 'test/api/rest/idempotency.int.test.ts',
    name: 'a request with a key is not done, and one without a key is',
  },
  {
    promise: 'A command that runs again leaves the state that the log has, not the one that it would have written',
    file: 'src/commands/event-identity.ts',
    find: 'encode(event, derivedId(runId, stream, index), metadata)',
    replace: 'encode(event, derivedId(runId && commandId, stream, index), metadata)',
    test: 'test/api/rest/idempotency-crashes.int.test.ts',
    name: 'finds the order at the price that it was placed at, and leaves no other in memory',
  },
  {
    promise: 'The answer under a key is that of the run that holds its claim',
    file: 'src/adapters/postgres/idempotency-keys.ts',
    find: 'body = $6, claimed_by = NULL, claimed_until = NULL\n    WHERE principal = $1 AND key = $2 AND claimed_by = $3`',
    replace: 'body = $6, claimed_by = NULL, claimed_until = NULL\n    WHERE principal = $1 AND key = $2 AND $3::uuid IS NOT NULL`',
    test: 'test/adapters/postgres/idempotency-keys.int.test.ts',
    name: 'that was taken over stores nothing, and neither renews nor releases the other one',
  },
  {
    promise: 'A cursor neither passes over nor repeats what was there, whatever is written between the pages',
    file: 'src/projections/shapes.ts',
    find: 'const last = shown.at(-1);',
    replace: 'const last = rows.at(-1);',
    test: 'test/api/rest/lists.int.test.ts',
    name: 'neither passes over nor repeats what was there, however much is added between the pages',
  },
  {
    promise: 'A zombie projector whose lease was taken writes nothing',
    file: 'src/adapters/postgres/checkpoints.ts',
    find: 'WHERE c.name = believed.name AND c.epoch = $3 AND c.position IS NOT DISTINCT FROM believed.position`',
    replace: 'WHERE c.name = believed.name AND $3 > 0`',
    test: 'test/projections/runtime/projector.int.test.ts',
    name: 'a zombie projector whose lease was taken writes nothing',
  },
  {
    promise: "An event's effect on a read model is exactly once, across crashes",
    file: 'src/projections/runtime/batch-writer.ts',
    find: 'checkpoints.advance(tx, {',
    replace: 'checkpoints.advance(database, {',
    test: 'test/projections/runtime/projector.int.test.ts',
    name: 'a crash between the rows and the checkpoint leaves neither',
  },
  {
    promise: 'A statement of a batch never comes after its rollback',
    file: 'src/projections/runtime/batch-writer.ts',
    find: 'const sent = await Promise.allSettled([',
    replace: 'const sent: { status: string; reason?: unknown }[] = []; await Promise.all([',
    test: 'test/projections/runtime/projector.int.test.ts',
    name: 'a zombie projector whose lease was taken writes nothing',
  },
  {
    promise: 'A log that is delivered again charges nobody twice, even when the gateway has forgotten its keys',
    file: 'src/commands/process-manager/reign.ts',
    find: 'const firstAttempt = this.#caughtUp ? 1 : 2;',
    replace: 'const firstAttempt = 1;',
    test: 'test/commands/process-manager/runner.int.test.ts',
    name: 'charges nobody twice when the log is delivered again after the gateway has forgotten its keys',
  },
  {
    promise: 'What a caller or a setting says is shown on a page without becoming a part of it',
    file: 'src/api/pages/html.ts',
    find: "if (typeof content === 'string') return escaped(content);",
    replace: "if (typeof content === 'string') return content;",
    test: 'test/api/pages/html.test.ts',
    name: 'shows what a caller or a setting says without becoming it',
  },
  {
    promise: 'What the API answers is what openapi.json says',
    file: 'src/api/rest/description/headers.ts',
    find: "...(tagged(route) ? { ETag: 'always' } : {}),",
    replace: '',
    test: 'test/api/rest/described.test.ts',
    name: 'is told from one that it does',
  },
];
