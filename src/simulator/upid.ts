// The name of a task: UPID:<node>:<pid>:<pstart>:<starttime>:<type>:<id>:<user>: with hexadecimal numbers.
export interface UpidParts {
  readonly node: string;
  readonly pid: number;
  readonly pstart: number;
  readonly startS: number;
  readonly type: string;
  readonly id: string;
  readonly user: string;
}

const hex8 = (value: number): string => value.toString(16).toUpperCase().padStart(8, "0");

export const formatUpid = (parts: UpidParts): string =>
  `UPID:${parts.node}:${hex8(parts.pid)}:${hex8(parts.pstart)}:${hex8(parts.startS)}:${parts.type}:${parts.id}:${parts.user}:`;

const shape = /^UPID:[a-zA-Z0-9-]+:[0-9A-F]{8}:[0-9A-F]{8,9}:[0-9A-F]{8}:[^:\s]+:[^:\s]*:[^:\s]+:$/;
export const isUpid = (text: string): boolean => shape.test(text);
