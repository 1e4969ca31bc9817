// What a check of the doctor finds.

/** `problem`: it will not work so; `warning`: it works, and somebody should know. */
export type Verdict = 'ok' | 'warning' | 'problem';

export interface Finding {
  /** What was looked at, in a word or two. */
  readonly check: string;
  readonly verdict: Verdict;
  /** What was found. */
  readonly detail: string;
  /** What to do; `null` if nothing has to be. */
  readonly advice: string | null;
}

export const ok = (check: string, detail: string): Finding => ({ check, verdict: 'ok', detail, advice: null });
export const warning = (check: string, detail: string, advice: string): Finding => ({ check, verdict: 'warning', detail, advice });
export const problem = (check: string, detail: string, advice: string): Finding => ({ check, verdict: 'problem', detail, advice });

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
