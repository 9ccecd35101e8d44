import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, normalize, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { STATUSES } from '#approvals/lifecycle.ts';
import { BUILT_FROM } from '#run/build.ts';
import { type Import, importsOf } from './imports.ts';

/** The house rules as tests: what stands in AGENTS.md and can be held by a machine is held here. */

const root = join(import.meta.dirname, '..');
const IGNORED = new Set(
  readFileSync(join(root, '.gitignore'), 'utf8')
    .split('\n')
    .map((line) => line.replace(/\/$/, ''))
    .concat('.git'),
);
const THIS_FILE = 'scripts/tidy.test.ts';
const TEXT = /\.(ts|tsx|mjs|mts|js|json|md|yml|yaml|css|sql|sh|svg|html)$|^\.(env\.example|npmrc|editorconfig)$/;

function walk(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    if (IGNORED.has(entry.name) || entry.name.endsWith('.tsbuildinfo')) return [];
    const path = join(dir, entry.name);
    return entry.isDirectory() ? walk(path) : [relative(root, path).replaceAll('\\', '/')];
  });
}

const files = walk(root).sort();
const text = new Map<string, string>();

function read(file: string): string {
  const known = text.get(file) ?? readFileSync(join(root, file), 'utf8');
  text.set(file, known);
  return known;
}

function exists(path: string): boolean {
  return statSync(join(root, path), { throwIfNoEntry: false }) !== undefined;
}

const isTest = (file: string) => /\.(test|spec)\.tsx?$/.test(file) || file.startsWith('e2e/');
const source = files.filter((file) => /\.(ts|tsx|mjs)$/.test(file) && !file.startsWith('db/migrations/'));
const product = source.filter((file) => !isTest(file));
const folderOf = (file: string) => file.split('/')[0] ?? '';
const ADAPTERS = ['app', 'mcp', 'slack'];

const importsIn = (file: string) => importsOf(file, read(file));
const imports = source.flatMap(importsIn);
const arrows = imports.filter(
  ({ ours, file, target }) => ours && target.includes('/') && folderOf(file) !== folderOf(target),
);
const describeImport = ({ file, written }: Import) => `${file} imports ${written}`;

/** Files that only such importers reach, directly or through each other: test code or a tool under a plain name. */
function reachedOnlyFrom(outside: (file: string) => boolean): Set<string> {
  const reached = new Set<string>();
  for (let before = -1; before !== reached.size; ) {
    before = reached.size;
    for (const file of product) {
      const importers = imports.filter(({ ours, target }) => ours && target === file).map((found) => found.file);
      if (importers.length > 0 && importers.every((one) => outside(one) || reached.has(one))) reached.add(file);
    }
  }
  return reached;
}

const onlyForTests = reachedOnlyFrom(isTest);
const onlyForTools = reachedOnlyFrom((file) => isTest(file) || folderOf(file) === 'scripts');
const forTests = (file: string) => isTest(file) || onlyForTests.has(file);

/** Entry files, the only ones of an adapter that may touch the database. */
const ENTRY = /^(app\/_server\/[^/]+\.ts|mcp\/main\.ts|slack\/main\.ts)$/;
const FAKE = /^(pagerduty|slack)\/fake\//;

const GROUND = ['process', 'pagerduty', 'db'];
const ROOMS = ['identity', 'outbox', ...GROUND];

/** Which folders a folder may import from in product code. */
const MAY: Record<string, readonly string[]> = {
  run: [...ADAPTERS, 'approvals', ...ROOMS],
  commands: ['run', ...ADAPTERS, 'approvals', ...ROOMS],
  app: ['approvals', ...ROOMS],
  mcp: ['approvals', ...ROOMS],
  slack: ['approvals', ...ROOMS],
  approvals: ROOMS,
  // An account that changed is shown anew where it is shown.
  identity: ['outbox', ...GROUND],
  outbox: ['process', 'db'],
  process: ['pagerduty', 'db'],
  pagerduty: [],
  db: [],
};

describe('the arrows between folders', () => {
  test('go one way: run, commands → app, mcp, slack → approvals → identity, outbox → process, pagerduty, db', () => {
    const wrong = arrows.filter(({ file, target }) => {
      const allowed = MAY[folderOf(file)];
      return allowed !== undefined && !forTests(file) && !allowed.includes(folderOf(target));
    });
    expect(wrong.map(describeImport)).toEqual([]);
  });

  test('never join two adapters, not even in tests', () => {
    const wrong = arrows.filter(
      ({ file, target }) => ADAPTERS.includes(folderOf(file)) && ADAPTERS.includes(folderOf(target)),
    );
    expect(wrong.map(describeImport)).toEqual([]);
  });

  test('lead into scripts only from browser tests and tool settings', () => {
    const wrong = arrows.filter(({ file, target }) => {
      return folderOf(target) === 'scripts' && folderOf(file) !== 'e2e' && file.includes('/');
    });
    expect(wrong.map(describeImport)).toEqual([]);
  });

  test('reach the database from adapters only in their entry files', () => {
    const wrong = arrows.filter(({ file, target }) => {
      return ADAPTERS.includes(folderOf(file)) && folderOf(target) === 'db' && !forTests(file) && !ENTRY.test(file);
    });
    expect(wrong.map(describeImport)).toEqual([]);
  });

  test('reach the playable PagerDuty and Slack only from tests, scripts and themselves', () => {
    const wrong = imports.filter(({ file, target, ours }) => {
      return (
        ours &&
        FAKE.test(target) &&
        !FAKE.test(file) &&
        !isTest(file) &&
        !onlyForTools.has(file) &&
        !['run', 'scripts'].includes(folderOf(file))
      );
    });
    expect(wrong.map(describeImport)).toEqual([]);
  });

  test('are visible: another folder is imported by its # name, one’s own by a relative path', () => {
    const escaping = arrows.filter(({ file, written }) => !written.startsWith('#') && file.includes('/'));
    const roundabout = imports.filter(
      ({ file, target, written }) => written.startsWith('#') && dirname(file) === dirname(target),
    );
    // Next's folders are addresses, so what pages share lies up to four folders above them; only what lies beside a
    // file is called ./ there.
    const climbing = imports.filter(
      ({ ours, file, target, written }) =>
        ours && folderOf(file) === 'app' && !written.startsWith('#') && dirname(file) !== dirname(target),
    );
    const wrong = [...escaping.filter(({ file }) => folderOf(file) !== 'e2e'), ...roundabout, ...climbing];
    expect(wrong.map(describeImport)).toEqual([]);
  });

  test('make no circle, not even of types', () => {
    const targets = (file: string) => importsIn(file).filter(({ ours, target }) => ours && source.includes(target));
    const over = new Set<string>();
    const circles: string[] = [];
    const follow = (file: string, way: string[]): void => {
      if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' → '));
      else if (!over.has(file)) {
        for (const { target } of targets(file)) follow(target, [...way, file]);
        over.add(file);
      }
    };
    for (const file of source) follow(file, []);
    expect(circles).toEqual([]);
  });

  test('point at files that exist', () => {
    const gone = imports.filter(
      ({ ours, target }) => ours && /\.(ts|tsx|mjs|json|css)$/.test(target) && !exists(target),
    );
    expect(gone.map(describeImport)).toEqual([]);
  });
});

test('the dashboard is built anew when anything changes that it is made of', () => {
  const part = new Set(product.filter((file) => folderOf(file) === 'app'));
  for (const file of part) {
    for (const { ours, target } of importsIn(file)) if (ours && exists(target)) part.add(target);
  }
  const folders = [...part].map(folderOf);
  expect([...new Set(folders)].filter((folder) => !BUILT_FROM.includes(folder))).toEqual([]);
});

describe('adapters', () => {
  test('never speak SQL', () => {
    const wrong = imports.filter(({ file, target }) => {
      return ADAPTERS.includes(folderOf(file)) && !forTests(file) && /^(drizzle-orm|pg)(\/|$)/.test(target);
    });
    expect(wrong.map(describeImport)).toEqual([]);
  });

  test('ask approvals what a status allows instead of comparing it', () => {
    const status = `['"](?:${STATUSES.join('|')})['"]`;
    const compared = new RegExp(`[!=]==?\\s*${status}|${status}\\s*[!=]==?|\\.includes\\(${status}\\)`);
    // An error's code may be 'expired' too.
    const cases = new RegExp(`\\bcase\\s*${status}`);
    const switchesOnCode = (file: string) => /switch \([\w.]*\bcode\)/.test(read(file));
    // MCP tasks have statuses of their own, and two of them bear the same name.
    const own = STATUSES.filter((name) => name !== 'failed' && name !== 'cancelled').join('|');
    const assigned = (file: string) =>
      new RegExp(
        `(?<!example: \\{ )\\bstatus\\??\\s*[:=]\\s*['"](?:${folderOf(file) === 'mcp' ? own : STATUSES.join('|')})['"]`,
      );
    const wrong = product
      .filter((file) => ADAPTERS.includes(folderOf(file)))
      .flatMap((file) => {
        const lines = read(file).split('\n');
        return lines.flatMap((line, index) => {
          const inCase = cases.test(line) && !switchesOnCode(file);
          return compared.test(line) || inCase || assigned(file).test(line)
            ? [`${file}:${index + 1} ${line.trim()}`]
            : [];
        });
      });
    expect(wrong).toEqual([]);
  });
});

describe('files', () => {
  test('are short', () => {
    const limit = (file: string) => (isTest(file) || FAKE.test(file) || file === 'db/schema.ts' ? 600 : 400);
    const long = source.filter((file) => read(file).split('\n').length - 1 > limit(file));
    expect(long).toEqual([]);
  });

  test('have names that say what is in them', () => {
    const drawer = /^(utils?|helpers?|common|misc|lib|services?|managers?)$/;
    // PagerDuty's own noun for what is watched; as the name of a domain it says what is in it.
    const domain = /^pagerduty\/(tools\/services\/|fake\/(calls\/)?services\.ts$)/;
    const drawers = source.filter((file) =>
      file
        .replace(domain, '')
        .split('/')
        .some((part) => drawer.test(basename(part).replace(/(\.test)?\.\w+$/, ''))),
    );
    expect(drawers).toEqual([]);
  });

  test('have names of their own in their tree, so that whoever knows the name has found the file', () => {
    // The playable PagerDuty is a second telling of the same nouns, and the calls its description is held against are
    // listed domain by domain, as the domains are.
    const trees = ['pagerduty/fake/calls', 'pagerduty/fake'];
    const treeOf = (file: string) => trees.find((tree) => file.startsWith(`${tree}/`)) ?? folderOf(file);
    // Next says by these what a file is to it; which page it is of is the folder's to say.
    const next = ['page', 'layout', 'loading', 'error', 'not-found', 'route'].flatMap((name) => [
      `${name}.ts`,
      `${name}.tsx`,
    ]);
    // What each room has one of, and is the same of every room: the list of its tools, how they are tried, what agents
    // get to see, what is read of PagerDuty's answers, what a domain keeps, what starts a process.
    const ofEveryRoom = ['index.ts', 'rehearsal.ts', 'fields.ts', 'shapes.ts', 'state.ts', 'main.ts'];
    const named = files
      .filter((file) => /\.(ts|tsx|mjs|js)$/.test(file) && !isTest(file) && file.includes('/'))
      .filter((file) => !ofEveryRoom.includes(basename(file)))
      .filter((file) => folderOf(file) !== 'app' || !next.includes(basename(file)));
    const names = named.map((file) => `${treeOf(file)}: ${basename(file)}`);
    expect(
      named.filter((_, index) => names.indexOf(names[index] ?? '') !== names.lastIndexOf(names[index] ?? '')),
    ).toEqual([]);
  });

  test('lie in rooms that can be looked over', () => {
    // A test stands beside what it tests, so it is looked for by that name; what is generated is nobody's to look over.
    const generated = /^docs\/tools\/|\/__\w+__\//;
    const rooms = files.filter((file) => !isTest(file) && !generated.test(file)).map((file) => dirname(file));
    const full = [...new Set(rooms)].filter((room) => rooms.filter((one) => one === room).length > 34);
    expect(full).toEqual([]);
  });

  test('hold no leftovers and no way around the compiler or the tests', () => {
    const forbidden = [
      /\bTODO\b/,
      /\bFIXME\b/,
      /\bXXX\b/,
      /\bas any\b/,
      /@ts-(ignore|nocheck)/,
      /\.(only|skip)\(/,
      /\bdebugger\b/,
    ];
    const found = files
      .filter((file) => (source.includes(file) || file.endsWith('.md') || file.endsWith('.css')) && file !== THIS_FILE)
      .flatMap((file) => forbidden.filter((word) => word.test(read(file))).map((word) => `${file}: ${word.source}`));
    expect(found).toEqual([]);
  });

  test('use no private member of Drizzle or pg, which the next version may not have', () => {
    const inside = [
      /\b(?:db|tx|on)\._\b/,
      /\.session\b/,
      /\bprepareQuery\b/,
      /\.connection\b/,
      /\b(?:un)?cork\(/,
      /\.dialect\b/,
    ];
    const found = source
      .filter((file) => file !== THIS_FILE)
      .flatMap((file) =>
        inside.filter((member) => member.test(read(file))).map(({ source: member }) => `${file}: ${member}`),
      );
    expect(found).toEqual([]);
  });

  test('name no folder and no registry of the machine they were written on', () => {
    const registry = URL.canParse(process.env.npm_config_registry ?? '')
      ? new URL(process.env.npm_config_registry ?? '')
      : null;
    const here = /(^|[\s'"`(=:])\/(work|root)\//m;
    const found = files
      .filter((file) => TEXT.test(basename(file)) && file !== THIS_FILE)
      .filter((file) => {
        const foreign =
          registry !== null && registry.hostname !== 'registry.npmjs.org' && read(file).includes(registry.host);
        return here.test(read(file)) || foreign;
      });
    expect(found).toEqual([]);
  });
});

test('the lock file fetches from the public registry or wherever npm is told to', () => {
  const hosts = [...read('package-lock.json').matchAll(/"resolved": "([^"]+)"/g)].map(
    (match) => new URL(match[1] ?? '').host,
  );
  expect(hosts.filter((host) => host !== 'registry.npmjs.org')).toEqual([]);
});

test('no file has two tests of the same title', () => {
  const twice = source.filter(isTest).flatMap((file) => {
    const titles = [...read(file).matchAll(/^\s*(?:test|it)(?:\.\w+)*\(\s*(['"`])(.+?)\1/gm)].map(
      (match) => match[2] ?? '',
    );
    return titles.filter((title, index) => titles.indexOf(title) !== index).map((title) => `${file}: ${title}`);
  });
  expect(twice).toEqual([]);
});

describe('prose', () => {
  const documents = files.filter((file) => file.endsWith('.md'));

  test('cites only files that exist', () => {
    const tops = new Set(files.map(folderOf));
    const dead = documents.flatMap((file) => {
      const links = [...read(file).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)].map((match) =>
        normalize(join(dirname(file), match[1] ?? '')),
      );
      const named = [...read(file).matchAll(/`([\w.@-]+(?:\/[\w.@[\]-]+)+\/?)`/g)]
        .map((match) => match[1] ?? '')
        .filter((path) => tops.has(folderOf(path)));
      return [...links, ...named].filter((path) => !exists(path)).map((path) => `${file}: ${path}`);
    });
    expect(dead).toEqual([]);
  });

  test('names only npm scripts that exist', () => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(read('package.json'));
    const dead = documents.flatMap((file) =>
      [...read(file).matchAll(/\bnpm run ([\w:-]+)/g)]
        .filter((match) => !(match[1] ?? '' in scripts) || scripts[match[1] ?? ''] === undefined)
        .map((match) => `${file}: npm run ${match[1]}`),
    );
    expect(dead).toEqual([]);
  });

  test('for agents fits on two screens', () => {
    const long = documents.filter((file) => basename(file) === 'AGENTS.md' && read(file).split('\n').length - 1 > 100);
    expect(long).toEqual([]);
  });
});
