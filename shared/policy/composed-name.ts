// Names of policies that are written: of the spellings that Unicode has of the same letters, the composed one alone. File
// systems may not tell them apart, and an export has a file for each policy.

/** The spelling of a name that is taken: Unicode's NFC. */
export function composeName(name: string): string {
  return name.normalize('NFC');
}

/** Whether a name is in the spelling that is taken. */
export function isComposed(name: string): boolean {
  return composeName(name) === name;
}

/** The sentence that refuses any other, behind its field. */
export const NOT_COMPOSED = 'must be in Unicode NFC: compose its letters and marks';
