create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;
--> statement-breakpoint
create trigger events_append_only before update or delete on events for each row execute function refuse_change();
--> statement-breakpoint
create trigger events_no_truncate before truncate on events execute function refuse_change();
--> statement-breakpoint
create trigger reads_append_only before update or delete on reads for each row execute function refuse_change();
--> statement-breakpoint
create trigger reviews_append_only before update or delete on reviews for each row execute function refuse_change();
--> statement-breakpoint
create trigger requests_are_kept before delete on approval_requests for each row execute function refuse_change();
--> statement-breakpoint
create trigger attempts_are_kept before delete on attempts for each row execute function refuse_change();
--> statement-breakpoint
create function keep_what_was_shown() returns trigger language plpgsql as $$
begin
  if (to_jsonb(new) - array['status', 'version', 'because', 'approved_at', 'approval_expires_at', 'settle_after',
                            'finished_at', 'result', 'leased_until', 'delivered_at'])
     is distinct from
     (to_jsonb(old) - array['status', 'version', 'because', 'approved_at', 'approval_expires_at', 'settle_after',
                            'finished_at', 'result', 'leased_until', 'delivered_at']) then
    raise exception 'what a request asks for never changes' using errcode = 'restrict_violation';
  end if;
  if new.status is distinct from old.status and new.version <> old.version + 1 then
    raise exception 'a change of status makes exactly one new version' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger requests_keep_what_was_shown before update on approval_requests
  for each row execute function keep_what_was_shown();
--> statement-breakpoint
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
-- Nobody reviews what they asked for, own or proposed: also where a process of an older version does not know how an
-- ask came about.
create function nobody_reviews_their_own() returns trigger language plpgsql as $$
begin
  if exists (select 1 from approval_requests r
             where r.id = new.request_id and new.person_id in (r.owner_id, r.acts_for_id, r.proposed_by)) then
    raise exception 'nobody reviews what they asked for' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger reviews_are_of_others before insert on reviews
  for each row execute function nobody_reviews_their_own();
--> statement-breakpoint
-- The place every installation writes to; whoever holds its lane is its only writer.
insert into lanes (kind, lane) values ('slack', 'channel');
