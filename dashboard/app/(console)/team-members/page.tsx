import { TeamMembersPage } from "@/features/team/teams/team-members-page";

export default TeamMembersPage;
