import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { id, include, queryModel, toolInput } from '../input/parameters.ts';
import { line } from '../words/answers.ts';
import { postPath, readWords, updateFields } from './page.ts';
import { postAnswer } from './shapes.ts';

const input = toolInput({
  status_page_id: id('status page'),
  post_id: id('post'),
  query_model: queryModel({ include }),
});

export const getStatusPagePost = defineReadTool<z.infer<typeof input>>({
  name: 'get_status_page_post',
  title: 'Read a post of a status page',
  description: 'Read one post of a status page with its updates.',
  toolset: 'status_pages',
  source: {
    operationId: 'getStatusPagePost',
    path: '/status_pages/{id}/posts/{post_id}',
    scope: 'status_pages.read',
  },
  reads: ['status_pages.read'],
  input,
  example: { status_page_id: 'PWCUSTM', post_id: 'PWPCHKT' },
  async run(pagerduty, { status_page_id: pageId, post_id: postId }) {
    const [{ post }, words] = await Promise.all([
      pagerduty.get(postPath(pageId, postId), postAnswer, { include: ['status_page_post_update'] }),
      readWords(pagerduty, pageId),
    ]);
    const updates = (post.updates ?? []).map((one) => updateFields(one, words));
    return {
      answer: {
        post: {
          id: post.id,
          title: line(post.title),
          post_type: post.post_type ?? null,
          starts_at: post.starts_at ?? null,
          ends_at: post.ends_at ?? null,
          updates,
        },
      },
      text: `The post "${line(post.title) ?? post.id}" has ${updates.length === 1 ? '1 update' : `${updates.length} updates`}.`,
    };
  },
});
