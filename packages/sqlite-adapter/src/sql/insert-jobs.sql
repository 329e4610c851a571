-- Jobs without a unique key and without a group, which have in common what is numbered; the row is repeated as often as there are some at hand.
insert into jobport_jobs (queue, name, policy, rank, enqueued_at, due_at, id, payload, headers)
values (?1, ?2, ?3, ?4, ?5, ?6, ?, ?, ?)
on conflict (id) do nothing
