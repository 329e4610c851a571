-- Jobs without a unique key and without a group; the row is repeated as often as there are some at hand.
insert into jobport_jobs (id, queue, name, payload, headers, policy, rank, enqueued_at, due_at)
values (?, ?, ?, ?, ?, ?, ?, ?, ?)
on conflict (id) do nothing
