// expect: gatehouse(mutation-has-form) stands in a form
import { useMutation } from '@tanstack/react-query';

import { Select } from '../../ui/form/select.tsx';

export const used = [useMutation, Select];
