-- Whether this token settled the job: the one that ended it, or else the one that returned it last.
select 1 from jobport_jobs j
left join jobport_finished f on f.seq = j.seq
left join jobport_endings e on e.no = f.ending
left join jobport_returned r on r.seq = j.seq
where j.seq = ?1 and j.queue = ?4
  and case when e.claim is null then r.claim = ?2 and r.attempt = ?3 else e.claim = ?2 and e.attempt = ?3 end
