import type { ReadTool } from '../../read-tool.ts';
import type { WriteTool } from '../../write-tool.ts';
import { addTeamMember } from './add-team-member.ts';
import { createTeam } from './create-team.ts';
import { deleteTeam } from './delete-team.ts';
import { getTeam } from './get-team.ts';
import { listTeamMembers } from './list-team-members.ts';
import { listTeams } from './list-teams.ts';
import { removeTeamMember } from './remove-team-member.ts';
import { updateTeam } from './update-team.ts';

export const writes = {
  create_team: createTeam,
  update_team: updateTeam,
  delete_team: deleteTeam,
  add_team_member: addTeamMember,
  remove_team_member: removeTeamMember,
} satisfies Record<string, WriteTool>;

export const reads = {
  list_teams: listTeams,
  get_team: getTeam,
  list_team_members: listTeamMembers,
} satisfies Record<string, ReadTool>;
