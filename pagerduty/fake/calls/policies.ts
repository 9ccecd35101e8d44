import type { DrivenCall } from './call.ts';

export const policiesCalls: DrivenCall[] = [
  [
    'POST',
    '/users',
    {
      user: {
        type: 'user',
        name: 'Noor Haddad',
        email: 'noor.haddad@northwind.example',
        role: 'limited_user',
        time_zone: 'Asia/Dubai',
      },
    },
  ],
];
