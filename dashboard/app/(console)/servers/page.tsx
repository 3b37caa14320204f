import { ServersPage } from "@/features/servers/servers-page";

export default ServersPage;
