import { JobsPage } from "@/features/settings/jobs/jobs-page";

export default JobsPage;
