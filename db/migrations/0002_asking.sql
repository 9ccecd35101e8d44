-- The way of an ask, from the first look at it until it is held. Each function can be called by hand, e.g.
--   select * from asker_barred('agt_…', null, 'incidents', null, '{incidents}');
-- The time is an argument, so that a test can say what it is.

-- Why whoever asked may not any more; null = may. Asked at the ask, again under its lock, and at the claim.
--   off: there is no such agent, or it is switched off     reads_only: it may not ask for writes
--   proposer: the human who proposed it was switched off or unlinked; what a human proposes needs no agent
--   toolset: the tool is of none that may be used; `installed` are those of the installation (null = all), `usual`
--            those of an agent that has no choice of its own
create function asker_barred(agent text, proposer text, toolset text, installed text[], usual text[]) returns text
language plpgsql stable as $$
declare
  asker agents;
begin
  if proposer is not null then
    if not exists (select from people p where p.id = proposer and p.active and p.pagerduty_user_id is not null) then
      return 'proposer';
    end if;
  else
    select a.* into asker from agents a where a.id = agent;
    if asker.id is null or asker.disabled_at is not null then
      return 'off';
    elsif not asker.can_write then
      return 'reads_only';
    elsif (toolset = any (coalesce(asker.toolsets, usual))) is not true then
      return 'toolset';
    end if;
  end if;
  if (installed is null or toolset = any (installed)) is not true then
    return 'toolset';
  end if;
  return null;
end $$;
--> statement-breakpoint
-- The request that an ask attaches to: the one with its key, or the open one that asks for the same; null = none.
create function same_ask(agent text, tool text, arguments_digest text, key text) returns text
language plpgsql stable as $$
begin
  if key is not null then
    return (select r.id from approval_requests r where r.agent_id = agent and r.idempotency_key = key);
  end if;
  return (select r.id from approval_requests r
    where r.agent_id = agent and r.tool = same_ask.tool and r.arguments_digest = same_ask.arguments_digest
      and r.idempotency_key is null and r.proposed_by is null
      and r.status in ('pending', 'approved', 'executing', 'unknown') limit 1);
end $$;
--> statement-breakpoint
-- How many requests of an agent's own wait for a human.
create function waiting_asks(agent text) returns integer language plpgsql stable as $$
begin
  return (select count(*) from approval_requests r
    where r.agent_id = agent and r.status = 'pending' and r.proposed_by is null);
end $$;
--> statement-breakpoint
-- Notes a reading unless that many were made within the last minute; then tells how many. The lock comes before the
-- count, in statements of their own, so that readings made at once are counted one after the other. One round trip,
-- and no waiting for the disk: a crash of the database may lose the last half second of these notes.
create function note_reading(agent text, tool text, arguments jsonb, at timestamptz, most integer) returns integer
language plpgsql as $$
declare
  made integer;
begin
  perform pg_advisory_xact_lock(hashtextextended('reads ' || agent, 0));
  perform set_config('synchronous_commit', 'off', true);
  select count(*) into made from reads r
    where r.agent_id = agent and r.at > note_reading.at - interval '1 minute';
  if made >= most then
    return made;
  end if;
  insert into reads (agent_id, tool, arguments, at)
    values (agent, note_reading.tool, note_reading.arguments, note_reading.at);
  return null;
end $$;
--> statement-breakpoint
-- All that comes before PagerDuty is read for an ask: who asks, how the ask stands, and a reading noted if it comes to
-- that. `readings` is 0 then, how many were made when those are too many, null when there is nothing to read.
--   arguments: null = not understood, so nothing is read
create function receive_ask(
  agent text, tool text, toolset text, arguments jsonb, arguments_digest text, key text,
  installed text[], usual text[], most_waiting integer, most_readings integer, at timestamptz,
  out barred text, out same_id text, out waiting integer, out readings integer,
  out agent_name text, out owner_id text, out acts_for_id text, out requester_user_id text)
language plpgsql as $$
begin
  barred := asker_barred(agent, null, toolset, installed, usual);
  same_id := same_ask(agent, tool, arguments_digest, key);
  waiting := waiting_asks(agent);
  select a.name, a.owner_id, a.acts_for_id, p.pagerduty_user_id
    into agent_name, owner_id, acts_for_id, requester_user_id
    from agents a left join people p on p.id = coalesce(a.acts_for_id, a.owner_id) where a.id = agent;
  if barred is null and same_id is null and waiting < most_waiting and arguments is not null then
    readings := coalesce(note_reading(agent, tool, arguments, at, most_readings), 0);
  end if;
end $$;
--> statement-breakpoint
-- A new request with what it touches, its first event, its delivery and its announcement.
--   request: what never changes about it, by the names of its columns
--   blocked: why policy refuses it at the door; null = it waits for a human
create function insert_request(
  request jsonb, subjects text[], actor jsonb, window_seconds integer, blocked text, at timestamptz)
returns approval_requests language plpgsql as $$
declare
  made approval_requests := jsonb_populate_record(null::approval_requests, request);
begin
  made.version := 1;
  made.status := case when blocked is null then 'pending' else 'blocked' end;
  made.because := blocked;
  made.created_at := at;
  made.expires_at := at + window_seconds * interval '1 second';
  made.finished_at := case when blocked is not null then at end;
  insert into approval_requests select made.*;
  insert into request_subjects (request_id, subject) select made.id, unnest(subjects);
  insert into events (request_id, version, to_status, actor, because, detail, at)
    values (made.id, made.version, made.status, insert_request.actor, made.because,
      jsonb_strip_nulls(jsonb_build_object('digest', made.digest, 'risk', made.risk, 'undoes', made.linked_to)),
      insert_request.at);
  insert into outbox (kind, request_id, version, run_at) values ('slack', made.id, made.version, insert_request.at);
  perform pg_notify('countersign_requests', made.id || ' ' || made.status);
  return made;
end $$;
--> statement-breakpoint
-- Holds an ask unless something speaks against it: then `made` is null and the rest says what. Asks of one agent queue
-- up on a lock that lasts until the end of the transaction, so that the same ask made twice at once is one request and
-- the limit is exact: the statements that look around begin after the lock, so they see what was held while it waited.
--   replaces: nothing does, but an older ask for the same thing waits and has to be withdrawn first; then call again
--   at: null = the database's own clock, read under the lock
create function hold_ask(
  request jsonb, subjects text[], actor jsonb, window_seconds integer, blocked text,
  toolset text, installed text[], usual text[], most_waiting integer, at timestamptz,
  out barred text, out same_id text, out waiting integer, out replaces boolean, out made approval_requests)
language plpgsql as $$
declare
  agent constant text := request ->> 'agent_id';
begin
  perform pg_advisory_xact_lock(hashtextextended(agent, 0));
  -- A switch-off either waits for us and withdraws this ask too, or is seen.
  perform from agents a where a.id = agent for share;
  barred := asker_barred(agent, null, toolset, installed, usual);
  same_id := same_ask(agent, request ->> 'tool', request ->> 'arguments_digest', request ->> 'idempotency_key');
  waiting := waiting_asks(agent);
  if barred is null and same_id is null and waiting < most_waiting then
    -- What is blocked replaces nothing.
    replaces := blocked is null and exists (
      select from approval_requests r where r.agent_id = agent and r.tool = request ->> 'tool'
        and r.supersede_key = request ->> 'supersede_key' and r.status = 'pending');
    if not replaces then
      made := insert_request(request, subjects, actor, window_seconds, blocked, coalesce(at, clock_timestamp()));
    end if;
  end if;
end $$;
