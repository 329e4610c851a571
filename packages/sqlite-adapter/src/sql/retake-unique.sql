-- A redriven job has its key again; a window that was set stays.
insert into jobport_uniques (queue, key, seq, id, until) values (?1, ?2, ?3, ?4, ?5)
on conflict do update set seq = ?3, id = ?4, released = 0
