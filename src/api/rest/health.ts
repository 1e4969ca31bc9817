// Whether the process lives, and whether it can do its work: for whoever starts it, and sends it traffic or not.

/** Something that the API needs. `check` throws, with a sentence, while it is not there. */
export interface ReadinessCheck {
  readonly name: string;
  readonly check: () => void | Promise<void>;
}

export interface Readiness {
  readonly status: 'READY' | 'NOT_READY';
  readonly checks: readonly { readonly name: string; readonly status: 'UP' | 'DOWN'; readonly detail: string | null }[];
}

const patience = 2_000;

async function outcome({ name, check }: ReadinessCheck): Promise<Readiness['checks'][number]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It did not answer within ${patience / 1000} s.`)), patience);
  });
  try {
    await Promise.race([check(), late]);
    return { name, status: 'UP', detail: null };
  } catch (error) {
    return { name, status: 'DOWN', detail: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}

/** Asks all at once; ready if all are there. */
export async function readiness(checks: readonly ReadinessCheck[]): Promise<Readiness> {
  const outcomes = await Promise.all(checks.map(outcome));
  return { status: outcomes.every(({ status }) => status === 'UP') ? 'READY' : 'NOT_READY', checks: outcomes };
}
