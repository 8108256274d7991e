const PATTERNS = [
  /^(?:import|export)\s[^'";]*?from\s+'([^']+)'/gm,
  /^import\s+'([^']+)'/gm,
  /\bimport\(\s*'([^']+)'\s*\)/g,
  // The file of a thread or of a process.
  /\bnew URL\(\s*'(\.[^']+)',\s*import\.meta\.url\s*\)/g,
];

export type Import = Readonly<{
  specifier: string;
  /** A type import, which is gone before the file runs. */
  isType: boolean;
  /** Made when the file runs there, and not when it loads. */
  isLate: boolean;
}>;

/** The imports of a source text and the files it starts as threads or processes. Expects this project's formatting. */
export function readImports(text: string): Import[] {
  return PATTERNS.flatMap((pattern) => [...text.matchAll(pattern)]).map(([statement, specifier = '']) => ({
    specifier,
    isType: /^(?:import|export) type\b/.test(statement),
    isLate: !/^(?:import|export)\s/.test(statement),
  }));
}
