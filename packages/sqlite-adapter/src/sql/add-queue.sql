insert into jobport_queues (name) values (?) on conflict (name) do nothing
