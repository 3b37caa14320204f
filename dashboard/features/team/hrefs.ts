export const userHref = (id: string) => `/user?id=${id}`;
export const teamHref = (id: string) => `/team-members?id=${id}`;
export const roleHref = (id: string) => `/role?id=${id}`;
export const accessHref = (id: string) => `/team?tab=access&user_id=${id}`;
