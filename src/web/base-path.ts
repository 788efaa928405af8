// Where Pilothouse lives under its host. The bundle is always at <base>/assets/, so its own address tells the base.

const base = new URL("..", import.meta.url).pathname;

/** The address of a path of ours, `/api/v1/me` or `/tasks`, under the base path. */
export const underBase = (path: string): string => base + path.replace(/^\//, "");

/** A browser path without the base path, always beginning with `/`. */
export const withoutBase = (pathname: string): string =>
  pathname.startsWith(base) ? `/${pathname.slice(base.length)}` : "/";
