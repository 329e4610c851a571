select j.seq, j.queue, q.name, q.paused, j.rank, j.enqueued_at, l.due_at, f.seq is not null, r.seq is not null, s.origin
from jobport_jobs j
join jobport_queues q on q.no = j.queue
left join jobport_later l on l.seq = j.seq
left join jobport_finished f on f.seq = j.seq
left join jobport_returned r on r.seq = j.seq and r.claim = ?2
left join jobport_sending s on s.seq = j.seq
where j.id = ?1
