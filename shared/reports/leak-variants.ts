// Other spellings of an original that people use for the same name.

const TRANSCRIBED: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue', ø: 'oe', å: 'aa' };
const TITLE = /^(?:(?:dr|mr|mrs|ms|miss|prof|herr|frau|sr|sra)\.? )+(?=\p{L}+\.? \p{L})/iu;

/** The normal form itself first, then those of its other spellings that differ. */
export function variantsOf(form: string): string[] {
  const variants = [form];
  const add = (changed: string) => {
    if (!variants.includes(changed)) variants.push(changed);
  };
  for (const known of [...variants]) add(known.replace(TITLE, ''));
  for (const known of [...variants])
    add(known.replace(/[äöüøå]/giu, (c) => TRANSCRIBED[c.toLowerCase()] ?? c));
  // O'Brien is OBrien in many forms, Anna-Lena Annalena.
  for (const known of [...variants]) add(known.replace(/(?<=\p{L})['-](?=\p{L})/gu, ''));
  return variants;
}
