-- Whether this token settled the job: the one that ended it, or else the one that returned it last.
select 1 from jobport_jobs j
left join jobport_finished f on f.seq = j.seq
left join jobport_returned r on r.seq = j.seq
where j.seq = ?1 and j.queue = ?4
  and case when f.claim is null then r.claim = ?2 and r.attempt = ?3 else f.claim = ?2 and f.attempt = ?3 end
