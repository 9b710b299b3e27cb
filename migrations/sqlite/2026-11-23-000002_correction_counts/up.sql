-- Of a wave's people, those asked to correct what they had published, and what they answered: by wave, so that small groups stay withheld.
ALTER TABLE wave_counts ADD COLUMN correction_asked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE wave_counts ADD COLUMN correction_fixed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE wave_counts ADD COLUMN correction_removed INTEGER NOT NULL DEFAULT 0;
