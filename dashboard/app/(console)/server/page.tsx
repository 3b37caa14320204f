import { ServerPage } from "@/features/servers/detail/server-page";

export default ServerPage;
