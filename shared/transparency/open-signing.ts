// The keys of the logs from a configuration: who signs, and whose signatures count.
import { type LogIdentity, logOrigin } from './log-origin.ts';
import { formatNote, type Note, signNote } from './note.ts';
import { openPemSigner, type Signer } from './signer.ts';

/** The keys of the logs as configured. */
export type SigningSettings = Readonly<{
  /** `LOG_ORIGIN` */
  origin: string;
  /** PKCS#8 PEM of the Ed25519 key that signs. */
  privateKeyPem: string;
  /** That of the key before it, which signs too; null for none. */
  previousPem: string | null;
  /** Keys that signed before, 32 bytes each. */
  retiredPublicKeys: readonly Uint8Array[];
}>;

/** The keys of a process that signs. */
export type Signing = Readonly<{
  identity: LogIdentity;
  /** The key that signs, and after a change of keys the one before it, as long as it is configured. */
  signers: readonly [Signer, ...Signer[]];
}>;

/** Throws a RangeError for a text that holds no Ed25519 private key; the configuration has refused it before. */
export function openSigning(settings: SigningSettings): Signing {
  const signer = openPemSigner(settings.privateKeyPem);
  const previous = settings.previousPem === null ? [] : [openPemSigner(settings.previousPem)];
  const signers = [signer, ...previous] as const;
  return { identity: identityOf(settings, signers), signers };
}

/** What a process without private keys may know of the settings. Throws as `openSigning` does. */
export function openIdentity(settings: SigningSettings): LogIdentity {
  return openSigning(settings).identity;
}

function identityOf(
  { origin, retiredPublicKeys }: SigningSettings,
  [signer, ...previous]: readonly [Signer, ...Signer[]],
): LogIdentity {
  const earlier = [...previous.map(({ publicKey }) => publicKey), ...retiredPublicKeys];
  return { origin, publicKeys: [signer.publicKey, ...earlier] };
}

/** A signed note (C2SP signed-note) with this text, under the name of an account's log, by each key of the process. */
export async function signForAccount(
  { identity, signers }: Signing,
  accountId: string,
  text: string,
): Promise<string> {
  const notes: Note[] = [];
  for (const signer of signers) notes.push(await signNote(text, logOrigin(identity, accountId), signer));
  return formatNote({ text, signatures: notes.flatMap(({ signatures }) => signatures) });
}
