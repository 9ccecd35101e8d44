import { loadCard } from '#app/_server/card.ts';
import { requirePersonContext } from '#app/_server/session.ts';
import { RequestCard } from './request-card.tsx';

export default async function RequestPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const { ctx } = await requirePersonContext();
  return <RequestCard card={await loadCard(ctx, id)} />;
}
