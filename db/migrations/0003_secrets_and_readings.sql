create function only_shows() returns trigger language plpgsql as $$
begin
  if old.revealed_at is not null or new.revealed_at is null or new.ciphertext is not null
     or new.request_id <> old.request_id or new.label <> old.label then
    raise exception 'a secret is shown once and is then gone' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger secrets_only_show before update on answer_secrets for each row execute function only_shows();
--> statement-breakpoint
create trigger secrets_are_kept before delete on answer_secrets for each row execute function refuse_change();
--> statement-breakpoint
create trigger secrets_no_truncate before truncate on answer_secrets execute function refuse_change();
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
