export const serverHref = (name: string) => `/server?id=${encodeURIComponent(name)}`;
