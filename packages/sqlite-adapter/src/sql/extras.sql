select exists (select 1 from jobport_results), exists (select 1 from jobport_notes), exists (select 1 from jobport_returned)
