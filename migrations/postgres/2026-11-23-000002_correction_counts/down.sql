ALTER TABLE wave_counts DROP COLUMN correction_removed;
ALTER TABLE wave_counts DROP COLUMN correction_fixed;
ALTER TABLE wave_counts DROP COLUMN correction_asked;
