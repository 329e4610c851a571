update jobport_sending set at = ?2, sending = sending || '+' || ?3
where at = ?4 and seq in (select seq from jobport_jobs where queue = ?1)
