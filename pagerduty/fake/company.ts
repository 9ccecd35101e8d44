/**
 * Northwind Parcel, the invented company inside the playable PagerDuty. Names here are what tests and demos use;
 * each domain seeds the records behind its own.
 */

export const people = {
  /** On call at level 1 for Checkout, always. */
  priya: { id: 'PUPRIYA', name: 'Priya Raman', email: 'priya.raman@northwind.example' },
  /** On call at level 2 for Checkout, always. */
  marco: { id: 'PUMARCO', name: 'Marco Bellini', email: 'marco.bellini@northwind.example' },
  /** On call nowhere, not even at a third level. */
  lena: { id: 'PULENA1', name: 'Lena Fischer', email: 'lena.fischer@northwind.example' },
  /** Incident lead: belongs to the fallback group, owns no agent, is on call only at third levels. */
  sam: { id: 'PUSAM01', name: 'Sam Okafor', email: 'sam.okafor@northwind.example' },
  /** Owner of the demo agent `triage-bot`; on call at level 1 for Checkout too, so "own agent" can be refused. */
  dana: { id: 'PUDANA1', name: 'Dana Whitfield', email: 'dana.whitfield@northwind.example' },
  kenji: { id: 'PUKENJI', name: 'Kenji Sato', email: 'kenji.sato@northwind.example' },
  aisha: { id: 'PUAISHA', name: 'Aisha Rahmani', email: 'aisha.rahmani@northwind.example' },
  tomas: { id: 'PUTOMAS', name: 'Tomáš Novák', email: 'tomas.novak@northwind.example' },
  /** Account owner. */
  ruth: { id: 'PURUTH1', name: 'Ruth Adeyemi', email: 'ruth.adeyemi@northwind.example' },
} as const;

export const teams = {
  commerce: { id: 'PTCOMRC', name: 'Commerce' },
  logistics: { id: 'PTLOGIS', name: 'Logistics' },
  data: { id: 'PTDATA1', name: 'Data and Messaging' },
  /** Nothing belongs to it any more, so it may be deleted. */
  returns: { id: 'PTRETRN', name: 'Returns Pilot' },
} as const;

export const services = {
  checkout: { id: 'PSCHKOT', name: 'Checkout API' },
  payments: { id: 'PSPAYMT', name: 'Payments Gateway' },
  tracking: { id: 'PSTRACK', name: 'Parcel Tracking' },
  warehouse: { id: 'PSWAREH', name: 'Warehouse Routing' },
  mailer: { id: 'PSMAILR', name: 'Customer Mailer' },
} as const;

export const schedules = {
  checkoutPrimary: { id: 'PDCHKP1', name: 'Checkout primary' },
  checkoutSecondary: { id: 'PDCHKS2', name: 'Checkout secondary' },
  trackingPrimary: { id: 'PDTRKP1', name: 'Tracking primary' },
  dataDayNight: { id: 'PDDATA1', name: 'Data day and night' },
  /** Shift-based: only reachable through /v3/schedules. */
  warehouseShifts: { id: 'PDWHSV3', name: 'Warehouse shifts' },
  /** Shift-based too; no escalation policy uses it, so it may be deleted. */
  trainingShifts: { id: 'PDTRNV3', name: 'On-call training' },
} as const;

/** What "Warehouse shifts" is made of. The one-off parts lie far ahead: nobody is on call through them for decades. */
export const warehouseParts = {
  /** Aisha, week after week. */
  rotation: '5K7QDXV3M2RBJ6TNWYHC4FGPAE',
  /** Kenji beside her for half a day in March 2099. */
  customShift: '7RMKQ5XNVB2TCW6HJ4DYFGPZA3',
  /** Kenji instead of her on the first of May 2099. */
  override: '4VJXQ2TNKB6RMWC7HD3YFGPZA5',
} as const;

/** What "On-call training" is made of: Lena and Tomáš in turn, one week each, from 2099 on. */
export const trainingParts = {
  rotation: '6HJ3WXQ7VTK2NBRMC5DYFGPZA4',
  event: '2QKX7VWNTB4RMJC6HD5YFGPZA7',
  /** Without shifts. */
  emptyRotation: '3BWX7QVNTK2RMJC6HD4YFGPZA6',
} as const;

export const escalationPolicies = {
  checkout: { id: 'PECHKOT', name: 'Checkout and Payments' },
  tracking: { id: 'PETRACK', name: 'Tracking and Messaging' },
  warehouse: { id: 'PEWAREH', name: 'Warehouse' },
} as const;

export const priorities = {
  p1: { id: 'PRIO001', name: 'P1' },
  p2: { id: 'PRIO002', name: 'P2' },
  p3: { id: 'PRIO003', name: 'P3' },
  p4: { id: 'PRIO004', name: 'P4' },
} as const;

export const incidents = {
  /** Triggered, high, P1, two alerts. */
  checkout5xx: { id: 'Q1CHECKOUT5XX1', number: 4821 },
  /** Triggered, high, P2. */
  paymentWebhooks: { id: 'Q2PAYMENTHOOK1', number: 4822 },
  /** Acknowledged by kenji, high, P3. */
  trackingLag: { id: 'Q3TRACKINGLAG1', number: 4820 },
  /** Triggered, low, P4. */
  slowLabels: { id: 'Q4SLOWLABELS01', number: 4819 },
  /** Triggered, high; its alert carries a prompt injection with hidden characters. */
  mailerBounces: { id: 'Q5MAILBOUNCES1', number: 4818 },
  /** Resolved by tomas. */
  certificate: { id: 'Q6CERTIFICATE1', number: 4817 },
  /** Resolved by marco. */
  cartMemory: { id: 'Q7CARTMEMORY01', number: 4816 },
  /** Acknowledged by aisha, with notes. */
  conveyorOffline: { id: 'Q8CONVEYOROFF1', number: 4815 },
} as const;

/** Since when the company has been here. */
export const OPENED = '2023-02-06T08:00:00Z';

/** Credentials of the invented account; they open nothing real. */
export const tokens = {
  /** Account key that may only GET. */
  accountRead: 'r-northwind-readonly',
  /** Account key with full access. */
  accountFull: 'w-northwind-fullkey0',
  /** Marco's own key, full access. */
  userMarco: 'u-northwind-marco-01',
  /** Priya's own key, read access. */
  userPriyaRead: 'u-northwind-priya-ro',
} as const;

export const oauthClients = {
  reader: { clientId: 'northwind-reader', clientSecret: 'reader-secret-of-the-play' },
  writer: { clientId: 'northwind-writer', clientSecret: 'writer-secret-of-the-play' },
} as const;

/** The whole cast by friendly name. */
export const company = {
  subdomain: 'northwind',
  people,
  teams,
  services,
  schedules,
  escalationPolicies,
  priorities,
  incidents,
  tokens,
  oauthClients,
} as const;
