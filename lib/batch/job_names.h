/*
 * job_names - what solutionVersionArn and filterArn stand for here.
 *
 * A path is itself. Of a name, or an ARN, whose last parts are a name, the folder says
 * what there is: PZ_MODELS and PZ_FILTERS, the current one if they are not set.
 */
#ifndef JOB_NAMES_H
#define JOB_NAMES_H

/* The path of the model's file. NULL and *why; both to be freed. */
char *job_names_model(const char *named, char **why);

/* The filter's expression: of a file, or named itself. NULL and *why. */
char *job_names_filter(const char *named, char **why);

/* From the root on, whether or not it is there; to be freed. */
char *job_names_absolute(const char *path);

#endif
