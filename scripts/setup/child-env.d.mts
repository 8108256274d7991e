type Env = Readonly<Record<string, string | undefined>>;

export function serviceEnv(env: Env): Record<string, string>;
export function toolEnv(env: Env): Record<string, string>;
