import { groupList, groupView } from '../../../contract/groups.ts';
import { GONE, MADE_AT, made, type Operations, onePage, shown } from '../operation.ts';

const GROUP = {
  id: 1,
  slug: 'llm',
  name: 'Language models',
  services: ['openai'],
  apps: 0,
  created_at: MADE_AT,
  updated_at: MADE_AT,
};

export const GROUPS: Operations = {
  'GET /tenants/:tenant/groups': {
    id: 'listGroups',
    summary: 'List the groups of a tenant',
    answer: shown(groupList, onePage(GROUP)),
  },
  'POST /tenants/:tenant/groups': {
    id: 'createGroup',
    summary: 'Make a group of services',
    description: 'An app in it reaches its services, from the next request on.',
    takes: { slug: 'llm', name: 'Language models', services: ['openai'] },
    answer: made(groupView, GROUP),
  },
  'GET /tenants/:tenant/groups/:group': {
    id: 'getGroup',
    summary: 'Show a group',
    answer: shown(groupView, GROUP),
  },
  'PATCH /tenants/:tenant/groups/:group': {
    id: 'updateGroup',
    summary: 'Change a group, and with it what its apps reach',
    takes: { name: 'Models', services: ['openai'] },
    answer: shown(groupView, { ...GROUP, name: 'Models' }),
  },
  'DELETE /tenants/:tenant/groups/:group': { id: 'deleteGroup', summary: 'Delete a group', answer: GONE },
};
