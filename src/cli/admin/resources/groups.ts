import { list as listOf, text } from '../options.ts';
import { create, list, type Resource, remove, show, update } from '../resource.ts';

const ALL = '/tenants/:tenant/groups';
const ONE = `${ALL}/:group`;

const MEMBERS = {
  name: text('what people call it'),
  services: listOf('slug', 'its services; an empty one leaves it without'),
};

export const GROUP: Resource = {
  name: 'group',
  about: 'Groups of services, which apps reach together: app update ID --groups GROUP.',
  verbs: [
    list(ALL, ['slug', 'name', 'services', 'apps'], {
      about: 'Lists groups.',
      options: { q: text('some of the name or slug') },
      examples: ['group list', 'group list --q llm --json'],
    }),
    show(ONE, { about: 'Shows a group.', examples: ['group show llm'] }),
    create(ALL, {
      about: 'Makes a group.',
      arguments: ['slug'],
      options: MEMBERS,
      examples: ['group create search --services openai,anthropic'],
    }),
    update(ONE, {
      about: 'Changes a group: its apps reach what it then has from the next request on.',
      options: MEMBERS,
      examples: ['group update llm --services openai,anthropic', "group update llm --services ''"],
    }),
    remove(ONE, {
      about: 'Deletes a group: its apps reach its services no more, unless otherwise.',
      options: { reason: text('why, for the audit trail') },
      examples: ['group delete llm'],
    }),
  ],
};
