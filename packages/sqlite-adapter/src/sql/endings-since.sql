select e.no, q.name, e.state, (select json_group_array(j.id) from json_each(e.seqs) s cross join jobport_jobs j on j.seq = s.value), e.removed
from jobport_endings e join jobport_queues q on q.no = e.queue
where e.no > ? order by e.no limit ? + 0
