import type { DrivenCall } from './call.ts';

export const usersCalls: DrivenCall[] = [
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
