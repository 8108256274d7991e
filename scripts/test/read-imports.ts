const PATTERNS = [
  /^(?:import|export)\s[^'";]*?from\s+'([^']+)'/gm,
  /^import\s+'([^']+)'/gm,
  /\bimport\(\s*'([^']+)'\s*\)/g,
  // How a thread or a process is given its file.
  /\bnew URL\(\s*'(\.[^']+)',\s*import\.meta\.url\s*\)/g,
];

export type Import = Readonly<{
  specifier: string;
  /** Gone before the file runs. */
  isType: boolean;
}>;

/** What a source file, given as text, imports or names as a file to start, as this project's formatter writes it. */
export function readImports(text: string): Import[] {
  return PATTERNS.flatMap((pattern) => [...text.matchAll(pattern)]).map(([statement, specifier = '']) => ({
    specifier,
    isType: /^(?:import|export) type\b/.test(statement),
  }));
}
