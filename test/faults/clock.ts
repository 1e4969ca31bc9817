// This process's clock, set forward or back. Timers and the other clocks of the machine stay as they are.

const RealDate = globalThis.Date;

/** Sets what `Date` tells in this process so many milliseconds off, until the function that it returns is called. */
export function setClockOff(milliseconds: number): () => void {
  class ShiftedDate extends RealDate {
    constructor(...given: unknown[]) {
      if (given.length === 0) super(RealDate.now() + milliseconds);
      else super(...(given as [string]));
    }
    static override now(): number {
      return RealDate.now() + milliseconds;
    }
  }
  globalThis.Date = ShiftedDate as DateConstructor;
  return () => {
    globalThis.Date = RealDate;
  };
}
