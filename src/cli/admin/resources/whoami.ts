import type { Resource } from '../resource.ts';

export const WHOAMI: Resource = {
  name: 'whoami',
  about: '',
  verbs: [
    {
      name: 'whoami',
      about: 'Says whose admin token this is.',
      method: 'GET',
      path: '/whoami',
      prints: 'record',
      examples: ['whoami', 'whoami --json'],
    },
  ],
};
