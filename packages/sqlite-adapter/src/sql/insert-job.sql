insert into jobport_jobs (id, queue, name, payload, headers, policy, rank, enqueued_at, due_at, flags, group_key, unique_key)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
on conflict (id) do nothing
