// Types of compile.js, for the tests.

export const packageRoot: string;
export function compileWhenStale(options?: { readonly root?: string; readonly typeErrors?: 'refuse' | 'print' }): boolean;
