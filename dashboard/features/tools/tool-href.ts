export const toolHref = ({ id }: { id: string }) => `/tool?id=${id}`;
