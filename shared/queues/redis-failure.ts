import { AppError } from '../errors/app-error.ts';

/** Redis is away, or refused a command (`unavailable`). */
export class RedisFailure extends AppError {
  /** Whether Redis answered, and refused. */
  readonly isRefusal: boolean;

  constructor(cause: unknown) {
    const isRefusal = redisWords(cause) !== null;
    super('unavailable', isRefusal ? REFUSED : SILENT, { cause });
    this.isRefusal = isRefusal;
  }
}

const SILENT = 'Redis does not answer: check REDIS_URL, and that its server runs.';
const REFUSED = 'Redis refuses what it is asked: /health says with which words.';

/** The words with which Redis itself refused a command, such as `OOM command not allowed …`; null for any other error. */
export function redisWords(error: unknown): string | null {
  return error instanceof Error && error.name === 'ReplyError' ? error.message : null;
}
