DROP TABLE correction_proposals;
DROP TABLE sample_items;
DROP TABLE sample_strata;
DROP TABLE samples;
