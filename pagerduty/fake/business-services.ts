import { people, services, teams } from './company.ts';
import { type Names, reference, teamReferences } from './references.ts';
import { paged } from './server/query.ts';
import { found, type Handle, type Route } from './server/route.ts';

interface BusinessService {
  id: string;
  name: string;
  description: string | null;
  pointOfContact: string | null;
  teamId: string | null;
}

interface ServiceEnd {
  type: 'technical_service_reference' | 'business_service_reference';
  id: string;
}

interface Dependency {
  id: string;
  supporting: ServiceEnd;
  dependent: ServiceEnd;
}

/** What the playable PagerDuty keeps of this domain. */
export interface BusinessServices {
  businessServices: {
    services: BusinessService[];
    /** Between services of either kind. */
    dependencies: Dependency[];
  };
}

type Seen = BusinessServices & Names<'services' | 'teams'>;

export const businessServices = {
  shop: { id: 'PBSHOP1', name: 'Online shop' },
  delivery: { id: 'PBDELIV', name: 'Parcel delivery' },
  messages: { id: 'PBMSGS1', name: 'Customer messages' },
} as const;

export const emptyBusinessServices = (): BusinessServices => ({
  businessServices: { services: [], dependencies: [] },
});

/** What Northwind Parcel has of it. */
export function seedBusinessServices(): BusinessServices {
  const technical = ({ id }: { id: string }): ServiceEnd => ({ type: 'technical_service_reference', id });
  const business = ({ id }: { id: string }): ServiceEnd => ({ type: 'business_service_reference', id });
  const { shop, delivery, messages } = businessServices;
  const edges: [supporting: ServiceEnd, dependent: ServiceEnd][] = [
    [technical(services.checkout), business(shop)],
    [technical(services.payments), business(shop)],
    [technical(services.payments), technical(services.checkout)],
    [technical(services.tracking), business(delivery)],
    [technical(services.warehouse), business(delivery)],
    [technical(services.tracking), technical(services.mailer)],
    [technical(services.mailer), business(messages)],
    [business(delivery), business(shop)],
  ];
  return {
    businessServices: {
      services: [
        {
          ...shop,
          description: 'Customers order and pay.',
          pointOfContact: `Ruth Adeyemi, ${people.ruth.email}`,
          teamId: teams.commerce.id,
        },
        { ...delivery, description: 'Parcels reach their door.', pointOfContact: null, teamId: teams.logistics.id },
        { ...messages, description: null, pointOfContact: null, teamId: null },
      ],
      dependencies: edges.map(([supporting, dependent], index) => ({
        id: `DNORTHWIND00000${index + 1}`,
        supporting,
        dependent,
      })),
    },
  };
}

function renderBusinessService(state: Seen, service: BusinessService) {
  return {
    ...reference('business_service', service.id, service.name),
    html_url: null,
    name: service.name,
    description: service.description,
    point_of_contact: service.pointOfContact,
    team: service.teamId === null ? null : teamReferences(state, [service.teamId])[0],
  };
}

const listBusinessServices: Handle<Seen> = (state, { query }) => {
  const { records, page } = paged({ query }, state.businessServices.services);
  const list = records.map((service) => renderBusinessService(state, service));
  return { status: 200, body: { business_services: list, ...page } };
};

/** The direct dependencies of one service, in both directions. */
function relationships(state: Seen, type: ServiceEnd['type'], id: string) {
  const is = (end: ServiceEnd) => end.type === type && end.id === id;
  return state.businessServices.dependencies
    .filter(({ supporting, dependent }) => is(supporting) || is(dependent))
    .map(({ id: dependencyId, supporting, dependent }) => ({
      id: dependencyId,
      type: 'service_dependency',
      supporting_service: supporting,
      dependent_service: dependent,
    }));
}

const getBusinessDependencies: Handle<Seen> = (state, { params }) => {
  const { id } = found(state.businessServices.services, params.id);
  return { status: 200, body: { relationships: relationships(state, 'business_service_reference', id) } };
};

const getTechnicalDependencies: Handle<Seen> = (state, { params }) => {
  const { id } = found(state.services, params.id);
  return { status: 200, body: { relationships: relationships(state, 'technical_service_reference', id) } };
};

const scope = 'services.read';

export const businessServiceRoutes: Route<Seen>[] = [
  { method: 'GET', path: '/business_services', scope, handle: listBusinessServices },
  { method: 'GET', path: '/service_dependencies/business_services/{id}', scope, handle: getBusinessDependencies },
  { method: 'GET', path: '/service_dependencies/technical_services/{id}', scope, handle: getTechnicalDependencies },
];
