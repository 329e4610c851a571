select s.seq, j.id, q.name, j.name, j.payload, j.headers, j.policy, j.rank, s.sending, s.origin
from jobport_sending s
cross join jobport_jobs j on j.seq = s.seq
cross join jobport_queues q on q.no = j.queue
where s.at <= ?1
order by s.at limit ?2
