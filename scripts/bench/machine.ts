// Describes the machine that the benchmark runs on.
import { availableParallelism, cpus, totalmem } from 'node:os';

export type Machine = Readonly<{
  cpu: string;
  cores: number;
  memoryGb: number;
  platform: string;
  node: string;
  openssl: string;
}>;

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    platform: `${process.platform}-${process.arch}`,
    node: process.versions.node,
    openssl: process.versions.openssl,
  };
}

export function nameMachine({ cpu, cores, memoryGb, platform, node, openssl }: Machine): string {
  return `${cpu}, ${cores} cores, ${memoryGb} GB, ${platform}, Node ${node}, OpenSSL ${openssl}`;
}
