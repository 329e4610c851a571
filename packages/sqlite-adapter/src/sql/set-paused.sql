insert into jobport_queues (name, paused) values (?1, ?2) on conflict (name) do update set paused = ?2
