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
